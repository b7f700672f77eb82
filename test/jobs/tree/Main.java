class Main {
  public static void main(String[] args) {
    System.out.println("left " + PartA.all(1) + " " + PartB.all(2) + " " + PartC.all(3));
    System.out.println("right " + PartD.all(4) + " " + PartE.all(5) + " " + PartF.all(6));
  }
}
